"""A local TopView over HTTP: judges by the contract, renders real results, and fails on demand.

It imports `tasks.contract` and nothing else of `tasks`. Prices, texts and pictures are its own invention
where TopView publishes none.
"""
