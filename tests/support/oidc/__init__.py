"""A real OpenID provider for the tests: the npm package oidc-provider, started on loopback."""
