"""The program: workspace and services, command line, view-models and views."""
