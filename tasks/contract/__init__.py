"""TopView's contract: the OpenAPI description, sample catalogs, and their loader."""

from tasks.contract.loader import Contract, Operation, Parameter, load

__all__ = ["Contract", "Operation", "Parameter", "load"]
