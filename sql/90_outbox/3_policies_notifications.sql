grant execute on function app_private.project_notifications(int) to astra_worker;
grant execute on function app_private.notification_stats() to astra_worker;
