-- Row-level security of the marts. dbt calls this after each mart is made, inside the transaction
-- that puts the mart in its place, so that no moment exists in which it is there unprotected.
--
-- A mart with a user_id shows a tenant's own rows to the role tenant_<user id, 32 hex digits>, all
-- rows to its owner and to ytempire_staff, and no row to anybody else. The policy compares with
-- current_user alone: there is no table behind it to protect and no setting that a tenant could
-- make, and it is one stable value, so that the index that begins with user_id is used.
--
-- A mart without a user_id is the staff's, unless it is said to be for all tenants (a calendar);
-- that is noted, so that a check can tell it from a grant made by mistake. NULL: as noted.
--
-- The planner keeps no statistics of such a mart: EXPLAIN would tell every tenant from them how
-- the others' figures are distributed.
create table ops.marts_for_all_tenants (
    relation text primary key
);

create function ops.protect_mart(mart regclass, is_for_all_tenants boolean default null)
returns void
language plpgsql
as $$
declare
    found record;
    column_settings text;
begin
    select
        class.relkind,
        format('%I.%I', namespace.nspname, class.relname) as name,
        pg_get_userbyid(class.relowner) as owner,
        class.relrowsecurity and class.relforcerowsecurity as is_protected,
        exists (
            select from pg_attribute
            where attrelid = mart and attname = 'user_id' and not attisdropped
        ) as has_user_id
    into found
    from pg_class as class
    inner join pg_namespace as namespace on namespace.oid = class.relnamespace
    where class.oid = mart;

    if is_for_all_tenants then
        insert into ops.marts_for_all_tenants values (found.name) on conflict do nothing;
    elsif not is_for_all_tenants then
        delete from ops.marts_for_all_tenants where relation = found.name;
    end if;

    if found.relkind = 'v' then
        execute format('alter view %s set (security_invoker = on)', found.name);
    elsif found.relkind = 'm' and found.has_user_id then
        raise exception '% has a user_id and is a materialized view, which knows no row-level security', found.name
            using hint = 'Make it a table or an incremental model.';
    elsif found.has_user_id and not found.is_protected then
        select string_agg(format('alter column %I set statistics 0', attname), ', ')
        into column_settings
        from pg_attribute
        where attrelid = mart and attnum > 0 and not attisdropped;
        execute format(
            'alter table %s enable row level security, force row level security, %s',
            found.name, column_settings
        );
    end if;

    if found.relkind in ('r', 'p') and found.has_user_id then
        if not exists (select from pg_policy where polrelid = mart and polname = 'owner') then
            execute format(
                'create policy owner on %s to %I using (true) with check (true)',
                found.name, found.owner
            );
        end if;
        if not exists (select from pg_policy where polrelid = mart and polname = 'tenant') then
            execute format(
                'create policy tenant on %s for select to public using ('
                'user_id = substring(current_user::text from ''^tenant_([0-9a-f]{32})$'')::uuid)',
                found.name
            );
        end if;
        if
            exists (select from pg_roles where rolname = 'ytempire_staff')
            and not exists (select from pg_policy where polrelid = mart and polname = 'staff')
        then
            execute format(
                'create policy staff on %s for select to ytempire_staff using (true)', found.name
            );
        end if;
    end if;

    if exists (select from pg_roles where rolname = 'ytempire_staff') then
        execute format('grant select on %s to ytempire_staff', found.name);
    end if;
    if exists (select from pg_roles where rolname = 'ytempire_tenants') then
        if
            found.has_user_id
            or exists (select from ops.marts_for_all_tenants where relation = found.name)
        then
            execute format('grant select on %s to ytempire_tenants', found.name);
        else
            execute format('revoke all on %s from ytempire_tenants', found.name);
        end if;
    end if;
end;
$$;
revoke execute on function ops.protect_mart(regclass, boolean) from public;

-- What `ytempire tenants check` and each run found: rows of others that a tenant's role could see.
create table ops.isolation_checks (
    checked_at timestamptz not null,
    role text not null,
    relation text not null,
    foreign_rows bigint not null,
    primary key (checked_at, role, relation)
);
