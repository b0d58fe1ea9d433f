"""TopView's contract: the OpenAPI description, models and prices, sample catalogs, and their loaders."""

from tasks.contract.loader import Contract, Operation, Parameter, load
from tasks.contract.models import load_models

__all__ = ["Contract", "Operation", "Parameter", "load", "load_models"]
