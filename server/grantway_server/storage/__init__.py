"""The stores behind the domain's ports. The only package that knows Redis."""
