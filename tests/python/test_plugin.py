"""dbt finds the installed plugin through pkgutil; an install that hides it would fail only at the first model."""

import pkgutil

from dbt.adapters.spark.session import Connection
from dbt.plugins.manager import PluginManager
from dbt_common.context import set_invocation_context

import dbt_pinlanding


def test_the_installed_plugin_is_visible_to_dbt() -> None:
    assert "dbt_pinlanding" in {module.name for module in pkgutil.iter_modules()}


def test_dbt_loads_the_plugin_and_gets_its_settings() -> None:
    set_invocation_context({})
    manager = PluginManager.from_modules("pinlanding")
    assert any(isinstance(plugin, dbt_pinlanding.PinLandingPlugin) for plugin in manager._plugins)
    assert getattr(Connection.__init__, "pinlanding", False)
