-- The roles of a Supabase project: postgres is not a superuser there, service_role passes by row level security.
create role postgres login createdb createrole bypassrls replication password :'password';
create role anon nologin noinherit;
create role authenticated nologin noinherit;
create role service_role nologin noinherit bypassrls;
create role authenticator login noinherit password :'password';
grant anon, authenticated, service_role to authenticator;
grant anon, authenticated, service_role, pg_signal_backend to postgres;
alter database postgres owner to postgres;
alter database template1 owner to postgres;
\connect template1
alter schema public owner to postgres;
grant usage on schema public to anon, authenticated, service_role;
\connect postgres
alter schema public owner to postgres;
grant usage on schema public to anon, authenticated, service_role;
