-- The tenant in the role's name is read once a query. As a bare expression the policy had it read
-- again for each row of a join's outer side, with a regular expression: ten times the query itself.
-- As a sub-select it is one value, worked out before the first row.
--
-- The function is that of 0004 but for the policy's expression.
create or replace function ops.protect_mart(mart regclass, is_for_all_tenants boolean default null)
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
                'user_id = '
                '(select substring(current_user::text from ''^tenant_([0-9a-f]{32})$'')::uuid))',
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

do $$
declare
    mart regclass;
begin
    for mart in select polrelid from pg_policy where polname = 'tenant' loop
        execute format(
            'alter policy tenant on %s using (user_id = '
            '(select substring(current_user::text from ''^tenant_([0-9a-f]{32})$'')::uuid))',
            mart
        );
    end loop;
end;
$$;
