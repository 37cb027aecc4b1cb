"""Tests: checks of the repository, unit, workflows, contract, integration, acceptance, simulation."""
