"""The JSON interface under /api/v1: generic over definitions, in the words of the glossary."""
