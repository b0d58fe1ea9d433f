"""The site: its settings, and what the web server loads."""

import gc

# All that is loaded from here on stays, and looking through it for garbage again and again would take a tenth
# of a start. `TasksConfig.ready` lets the collector begin, behind what is there by then.
gc.disable()
