-- Posts from before those that only their author may read were told of to nobody.
delete from public.post_tags t using public.posts p where p.id = t.post_id and not app_private.is_counted(p.status, p.visibility);
with counted as (
  select c.user_id, (select count(*) from public.posts p where p.author_id = c.user_id and app_private.is_counted(p.status, p.visibility))
    - coalesce((select sum(d.delta) from app_private.count_deltas d where d.target = c.user_id and d.counter = 'posts_count'), 0) as posts
  from public.profile_counts c
)
update public.profile_counts c set posts_count = n.posts from counted n where n.user_id = c.user_id and n.posts <> c.posts_count;
with counted as (
  select p.shared_post_id as id, count(*) filter (where app_private.is_counted(p.status, p.visibility))
    - coalesce((select sum(d.delta) from app_private.count_deltas d where d.target = p.shared_post_id and d.counter = 'shares_count'), 0) as shares
  from public.posts p where p.shared_post_id is not null group by p.shared_post_id
)
update public.post_counts c set shares_count = n.shares from counted n where n.id = c.post_id and n.shares <> c.shares_count;
