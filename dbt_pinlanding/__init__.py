"""The dbt plugin: hands `python_udfs` to the Spark session that dbt opens.

dbt imports every installed top-level module whose name starts with `dbt_` and uses the classes it lists in `plugins`.
"""

from dbt.plugins.manager import dbtPlugin
from dbt_common.constants import SECRET_ENV_PREFIX
from dbt_common.context import get_invocation_context
from dbt_common.invocation import get_invocation_id

from dbt_pinlanding import session, settings


class PinLandingPlugin(dbtPlugin):
    def initialize(self) -> None:
        resolved = settings.resolve() | {"PINLANDING_CODE_VERSION": settings.code_version()}
        context = get_invocation_context()
        if grant := settings.grant(get_invocation_id()):
            # Under the second name for dbt's log, which blots out the values of such variables.
            resolved |= {"PINLANDING_GRANT": grant, f"{SECRET_ENV_PREFIX}_PINLANDING_GRANT": grant}
            context._env_secrets = None
        # dbt copied the environment before it loaded plugins: env_var() in models reads that copy.
        context.env.update(resolved)  # type: ignore[attr-defined]
        session.install()


plugins = [PinLandingPlugin]
