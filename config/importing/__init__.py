"""Bringing an operator's directory in from CSV files: members with their plans, and who knows whom.

A faulty row is reported with line, column and reason and stops nobody else's. What is there already
stays as it is, so that a second run changes nothing.
"""
