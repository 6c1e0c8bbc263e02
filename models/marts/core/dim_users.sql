-- Grain: a user of the platform (a tenant) who had signed up by the as-of instant.

with users as (

    select * from {{ ref('stg_platform__users') }}
    where signup_at <= {{ as_of() }}

),

channels as (

    select
        user_id,
        count(*) as channels
    from {{ ref('stg_platform__channels') }}
    where status = 'active' and connected_at <= {{ as_of() }}
    group by user_id

),

joined as (

    select
        users.user_id,
        users.email,
        users.full_name,
        users.status,
        users.status = 'active' as is_active,
        users.subscription_tier,
        users.acquisition_channel,
        users.country,
        users.time_zone,
        users.signup_at,
        {{ utc_date('users.signup_at') }} as signup_date,
        {{ utc_month('users.signup_at') }} as cohort_month,
        users.target_revenue_usd::numeric(18, 6) as target_revenue_usd,
        users.stripe_customer_id,
        coalesce(channels.channels, 0) as channels
    from users
    left join channels
        on users.user_id = channels.user_id

)

select * from joined
