"""The fields of kinds: form fields that know their JSON key."""
