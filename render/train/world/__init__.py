"""The world of the bundled model: scenes drawn by rule, with captions that say what is in them."""
import importlib
import pkgutil


def load():
    """Imports every things_*.py, so that kinds.KINDS is complete."""
    for module in sorted(m.name for m in pkgutil.iter_modules(__path__) if m.name.startswith("things_")):
        importlib.import_module("." + module, __name__)
