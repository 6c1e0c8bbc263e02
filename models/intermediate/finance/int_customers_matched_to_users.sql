-- Grain: a Stripe customer, with the platform's user: the one that the customer's metadata names,
-- otherwise the user who carries the customer's id. `user_id` is NULL where there is neither.

with customers as (

    select * from {{ ref('stg_stripe__customers') }}

),

users as (

    select * from {{ ref('stg_platform__users') }}

),

matched as (

    select
        customers.customer_id,
        coalesce(
            case
                when customers.metadata_user_id ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
                    then customers.metadata_user_id::uuid
            end,
            users.user_id
        ) as user_id
    from customers
    left join users
        on customers.customer_id = users.stripe_customer_id

)

select * from matched
