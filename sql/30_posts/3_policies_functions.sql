-- Not granted: functions of triggers, and everything that only other functions call.
grant execute on function app_private.publish_scheduled_posts(int) to astra_worker;
