-- The schema, its views and its functions are granted to nobody: they belong to `postgres`, the role of Studio.
alter table admin.audit_log enable row level security;
