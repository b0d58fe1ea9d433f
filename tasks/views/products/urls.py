"""Addresses under `products/`."""

from django.urls import path

from tasks.views.products import pages, reading

urlpatterns = [
    path("products/", pages.product_list, name="product-list"),
    path("products/new/", pages.product_new, name="product-new"),
    path("products/read/", reading.product_read, name="product-read"),
    path("products/read/<uuid:task_id>/", reading.product_reading, name="product-reading"),
    path("products/<uuid:product_id>/", pages.product_page, name="product-item"),
    path("products/<uuid:product_id>/edit/", pages.product_edit, name="product-edit"),
    path("products/<uuid:product_id>/hide/", pages.product_hide, name="product-hide"),
    path("products/<uuid:product_id>/show/", pages.product_show, name="product-show"),
]
