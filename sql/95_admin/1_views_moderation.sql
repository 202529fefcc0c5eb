create view admin.reports as
select r.id, r.state, r.reason, r.details, r.created_at, extract(epoch from clock_timestamp() - r.created_at)::bigint as age_seconds,
  reporter.username::text as reporter,
  r.subject_kind, r.subject_id,
  author.username::text as author,
  r.excerpt,
  p.media_urls,
  coalesce(r.post_id, r.comment_id, r.profile_id) is null or c.deleted_at is not null as is_deleted,
  (select count(*) from public.reports o
    where o.state = 'open' and o.subject_id = r.subject_id) as open_reports_of_subject
from public.reports r
join public.profiles reporter on reporter.id = r.reporter_id
left join public.posts p on p.id = r.post_id
left join public.comments c on c.id = r.comment_id
join public.profiles author on author.id = r.accused_id
where r.state = 'open'
order by r.created_at;
comment on view admin.reports is 'What people reported and nobody has decided, oldest first; excerpt: how it read when it was reported, is_deleted: its author has taken it away since. Decide with admin.decide_report().';
