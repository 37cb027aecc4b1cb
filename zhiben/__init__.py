"""The application: settings, composition root, command line."""
