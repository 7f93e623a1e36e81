"""The workbench: pages on which people screen, read, judge and sign, over the verbs of `service`."""
