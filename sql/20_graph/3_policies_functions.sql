-- Not granted to anybody: trigger functions and what only other functions call.
grant execute on function app_private.follow(uuid, uuid) to astra_api;
grant execute on function app_private.unfollow(uuid, uuid) to astra_api;
grant execute on function app_private.remove_follower(uuid, uuid) to astra_api;
grant execute on function app_private.approve_follow_request(uuid, uuid) to astra_api;
grant execute on function app_private.decline_follow_request(uuid, uuid) to astra_api;
grant execute on function app_private.approve_all_follow_requests(uuid) to astra_api;
grant execute on function app_private.block_person(uuid, uuid) to astra_api;
grant execute on function app_private.unblock_person(uuid, uuid) to astra_api;
grant execute on function app_private.mute_person(uuid, uuid, timestamptz) to astra_api;
grant execute on function app_private.unmute_person(uuid, uuid) to astra_api;
grant execute on function app_private.privacy_change_preview(uuid, boolean) to astra_api;
