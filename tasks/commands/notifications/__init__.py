"""Mail: `outbox` writes down what is to leave, `letters` has the words, `delivery` sends.

No request and no other job ever talks to the mail server.
"""
