-- The role that Grafana logs in as: it reads the marts and nothing else. For psql 15 or newer, run
-- by the role that builds the marts (only what that role makes later is granted by itself), which
-- must be allowed to create roles. The name and the password come from the environment:
--
--     export GRAFANA_PGUSER=grafana_reader GRAFANA_PGPASSWORD=...
--     psql -v ON_ERROR_STOP=1 -f grafana/reader_role.sql
--
-- Running it again sets the password anew and changes nothing else.

\getenv reader GRAFANA_PGUSER
\getenv password GRAFANA_PGPASSWORD

select format('create role %I', :'reader')
where not exists (select from pg_roles where rolname = :'reader') \gexec

alter role :"reader" with login password :'password' connection limit 20;
alter role :"reader" set default_transaction_read_only = on;
alter role :"reader" set statement_timeout = '30s';
alter role :"reader" set timezone = 'UTC';

-- The staff's group has the rights, so that a mart that is made anew grants them to one name.
select 'create role ytempire_staff'
where not exists (select from pg_roles where rolname = 'ytempire_staff') \gexec

grant ytempire_staff to :"reader";
select format('grant connect on database %I to ytempire_staff', current_database()) \gexec
create schema if not exists marts;
grant usage on schema marts to ytempire_staff;
grant select on all tables in schema marts to ytempire_staff;
alter default privileges in schema marts grant select on tables to ytempire_staff;

-- Marts that were there before the group let it see their rows from now on.
select to_regprocedure('ops.protect_mart(regclass, boolean)') is not null as is_migrated \gset
\if :is_migrated
select ops.protect_mart(oid) from pg_class
where relnamespace = 'marts'::regnamespace and relkind in ('r', 'p', 'v', 'm') \g /dev/null
\endif
