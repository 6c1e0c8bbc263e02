-- Grain: a line of an invoice. A line's id alone is no key: an invoice that is issued again may
-- repeat it.

with invoices as (

    select * from {{ source('stripe', 'invoices') }}

),

source as (

    select
        invoices.id as invoice_id,
        invoices.payload as invoice,
        lines.line,
        coalesce(
            nullif(lines.line #> '{parent,subscription_item_details}', 'null'::jsonb),
            lines.line #> '{parent,invoice_item_details}'
        ) as parent,
        -- A line referred to its price as an object, now by its id within the pricing.
        coalesce(
            lines.line #> '{pricing,price_details,price}', lines.line -> 'price'
        ) as price,
        invoices._loaded_at
    from invoices
    cross join lateral jsonb_array_elements(
        coalesce(invoices.payload #> '{lines,data}', '[]'::jsonb)
    ) as lines (line)

),

renamed as (

    select
        -- ids
        invoice_id,
        line ->> 'id' as line_id,
        {{ stripe_id("(invoice -> 'customer')") }} as customer_id,
        coalesce(
            {{ stripe_id("(parent -> 'subscription')") }},
            {{ stripe_id("(line -> 'subscription')") }},
            {{ stripe_id("(invoice #> '{parent,subscription_details,subscription}')") }},
            {{ stripe_id("(invoice -> 'subscription')") }}
        ) as subscription_id,
        {{ stripe_id("price") }} as price_id,

        -- text
        invoice ->> 'status' as invoice_status,
        line ->> 'description' as description,
        line ->> 'currency' as currency,
        price #>> '{recurring,interval}' as recurring_interval,
        price #>> '{recurring,usage_type}' as usage_type,

        -- numerics
        (price #>> '{recurring,interval_count}')::integer as recurring_interval_count,
        (line ->> 'quantity')::bigint as quantity,
        {{ usd_from_cents("line ->> 'amount'") }} as amount_usd,
        {{ usd_from_cents("coalesce(
            (
                select sum((discounts.discount ->> 'amount')::numeric)
                from jsonb_array_elements(
                    nullif(line -> 'discount_amounts', 'null'::jsonb)
                ) as discounts (discount)
            ), 0
        )") }} as discount_usd,
        {{ usd_from_cents("coalesce(
            line #>> '{pricing,unit_amount_decimal}',
            price ->> 'unit_amount_decimal',
            price ->> 'unit_amount'
        )", scale=8) }} as unit_amount_usd,

        -- booleans
        coalesce(
            (parent ->> 'proration')::boolean, (line ->> 'proration')::boolean, false
        ) as is_proration,

        -- timestamps
        {{ from_unix("invoice ->> 'created'") }} as invoiced_at,
        {{ from_unix("line #>> '{period,start}'") }} as period_starts_at,
        {{ from_unix("line #>> '{period,end}'") }} as period_ends_at,
        _loaded_at

    from source

)

select * from renamed
