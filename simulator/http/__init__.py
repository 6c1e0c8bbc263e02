"""The stand-in APIs: one small application a service, in the wire formats of the real ones."""
