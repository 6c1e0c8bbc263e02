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

create schema if not exists marts;
grant usage on schema marts to :"reader";
grant select on all tables in schema marts to :"reader";
alter default privileges in schema marts grant select on tables to :"reader";
