"""Stripe: customers, products, prices, subscriptions, invoices, refunds and events."""
