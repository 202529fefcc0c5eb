-- Three people to sign in as while developing: iris@example.com, tomas@example.com and amara@example.com, all with the
-- password "correct horse battery staple". Never on a project that strangers can reach: this password is public.
-- `npm start -- --seed` runs it, and so do `supabase start` and `supabase db reset`. Running it again changes nothing.
do $$
declare
  v_person record;
begin
  for v_person in
    select * from (values
      ('5eed0000-0000-4000-8000-000000000001'::uuid, 'iris@example.com', 'iris.vale', 'Iris Vale', '500.00'),
      ('5eed0000-0000-4000-8000-000000000002', 'tomas@example.com', 'tomas.berg', 'Tomás Berg', '120.50'),
      ('5eed0000-0000-4000-8000-000000000003', 'amara@example.com', 'amara.obi', 'Amara Obi', '20.00')
    ) as people (id, email, username, full_name, funds)
  loop
    -- Auth on a hosted project reads the four texts into variables that cannot be null.
    insert into auth.users (
      id, aud, role, email, encrypted_password, email_confirmed_at, raw_app_meta_data, raw_user_meta_data,
      confirmation_token, recovery_token, email_change, email_change_token_new, created_at, updated_at
    ) values (
      v_person.id, 'authenticated', 'authenticated', v_person.email,
      -- The password's bcrypt hash.
      '$2a$10$FdoK7mma8x.7plFDPPEtquFRoAZX3PcOJL/WI9CV4xffKEwXrj3nm', now(),
      '{"provider": "email", "providers": ["email"]}',
      jsonb_build_object('username', v_person.username, 'full_name', v_person.full_name),
      '', '', '', '', now(), now()
    ) on conflict do nothing;
    continue when not found;

    insert into auth.identities (id, user_id, provider, provider_id, identity_data, last_sign_in_at, created_at, updated_at)
    values (
      gen_random_uuid(), v_person.id, 'email', v_person.id::text,
      jsonb_build_object('sub', v_person.id, 'email', v_person.email, 'email_verified', true), now(), now(), now()
    );
    perform admin.fund_wallet(
      (select p.username::text from public.profiles p where p.id = v_person.id), v_person.funds, 'USD', 'seed'
    );
  end loop;

  -- A column that only the full Auth has: it looks people up by it.
  if exists (
    select from information_schema.columns
    where table_schema = 'auth' and table_name = 'users' and column_name = 'instance_id'
  ) then
    execute $update$
      update auth.users set instance_id = '00000000-0000-0000-0000-000000000000'
      where id::text like '5eed0000-0000-4000-8000-%' and instance_id is null
    $update$;
  end if;
end
$$;
