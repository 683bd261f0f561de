from postlude import PostludeMiddleware, TaskRunner
from shop import api

app = PostludeMiddleware(api, TaskRunner(drain_timeout=2.2))
