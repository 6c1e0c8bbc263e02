"""Stripe: customers, products, prices, subscriptions and invoices."""
