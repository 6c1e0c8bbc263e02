-- Grain: an invoice. Its lines are in stg_stripe__invoice_lines.

with source as (

    select * from {{ source('stripe', 'invoices') }}

),

renamed as (

    select
        -- ids
        id as invoice_id,
        {{ stripe_id("(payload -> 'customer')") }} as customer_id,
        -- The subscription moved under the parent.
        coalesce(
            {{ stripe_id("(payload #> '{parent,subscription_details,subscription}')") }},
            {{ stripe_id("(payload -> 'subscription')") }}
        ) as subscription_id,
        payload ->> 'number' as invoice_number,

        -- text
        payload ->> 'status' as status,
        payload ->> 'billing_reason' as billing_reason,
        payload ->> 'currency' as currency,

        -- numerics
        {{ usd_from_cents("payload ->> 'subtotal'") }} as subtotal_usd,
        {{ usd_from_cents("payload ->> 'total'") }} as total_usd,
        {{ usd_from_cents(
            "coalesce(payload ->> 'total_excluding_tax', payload ->> 'total')"
        ) }} as total_before_tax_usd,
        {{ usd_from_cents("payload ->> 'amount_due'") }} as amount_due_usd,
        {{ usd_from_cents("payload ->> 'amount_paid'") }} as amount_paid_usd,
        {{ usd_from_cents(
            "coalesce((payload ->> 'pre_payment_credit_notes_amount')::numeric, 0)"
            ~ " + coalesce((payload ->> 'post_payment_credit_notes_amount')::numeric, 0)"
        ) }} as credit_notes_usd,

        -- timestamps
        created_at,
        {{ from_unix("payload #>> '{status_transitions,finalized_at}'") }} as finalized_at,
        {{ from_unix("payload #>> '{status_transitions,paid_at}'") }} as paid_at,
        _loaded_at

    from source

)

select * from renamed
