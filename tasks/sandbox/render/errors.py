"""What goes wrong while rendering."""


class RenderError(Exception):
    """A job that can't be rendered; `str()` says why in words fit for the sandbox's answer.

    Raised for inputs that are missing, unreadable or of the wrong kind, and for a machine without the
    `sandbox` extra. It holds no path of the server.
    """
