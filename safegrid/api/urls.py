"""The API of all contexts under one roof."""

from safegrid.api.assembly import routers
from safegrid.api.docs import OperationList
from safegrid.foundation.api import SafeGridAPI

api = SafeGridAPI(
    title="安全网格 SafeGrid API",
    version="1",
    description="登录会话或个人令牌访问；写操作须带 Idempotency-Key；错误为 application/problem+json。",
    urls_namespace="api",
    docs=OperationList(),
)
for context, router in routers():
    # Routers name their paths in full ("/cases/{county}/…"): one context may offer several things.
    api.add_router("", router, tags=[context])
