create view admin.reports as
select r.id, r.state, r.reason, r.details, r.created_at, extract(epoch from clock_timestamp() - r.created_at)::bigint as age_seconds,
  reporter.username::text as reporter,
  case when r.post_id is not null then 'post' when r.comment_id is not null then 'comment' else 'profile' end as subject_kind,
  coalesce(r.post_id, r.comment_id, r.profile_id) as subject_id,
  author.username::text as author,
  left(coalesce(p.content, c.content, author.bio), 500) as excerpt,
  p.media_urls,
  (select count(*) from public.reports o
    where o.state = 'open' and (o.post_id = r.post_id or o.comment_id = r.comment_id or o.profile_id = r.profile_id)) as open_reports_of_subject
from public.reports r
join public.profiles reporter on reporter.id = r.reporter_id
left join public.posts p on p.id = r.post_id
left join public.comments c on c.id = r.comment_id
left join public.profiles author on author.id = coalesce(p.author_id, c.author_id, r.profile_id)
where r.state = 'open'
order by r.created_at;
comment on view admin.reports is 'What people reported and nobody has decided, oldest first. Decide with admin.decide_report().';
