"""Answers, parts of files, paging and formatting that pages of every subject share."""
