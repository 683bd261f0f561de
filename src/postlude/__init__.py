"""Background tasks after the response, for every Python web framework."""

from postlude._drain import DrainReport as DrainReport
from postlude._handle import TaskHandle as TaskHandle
from postlude._handle import TaskStatus as TaskStatus
from postlude._open import current_tasks as current_tasks
from postlude._outcome import Cancelled as Cancelled
from postlude._outcome import Failed as Failed
from postlude._outcome import Outcome as Outcome
from postlude._outcome import Succeeded as Succeeded
from postlude._outcome import TimedOut as TimedOut
from postlude._request import after_response as after_response
from postlude._retry import RetryPolicy as RetryPolicy
from postlude._runner import TaskRunner as TaskRunner
from postlude._task import BackgroundTask as BackgroundTask
from postlude._tasks import BackgroundTasks as BackgroundTasks
from postlude.asgi import PostludeMiddleware as PostludeMiddleware
from postlude.errors import MissingDependency as MissingDependency
from postlude.errors import NoActiveRequest as NoActiveRequest
from postlude.errors import PostludeError as PostludeError
from postlude.errors import QueueFull as QueueFull
from postlude.errors import RunnerClosed as RunnerClosed
from postlude.errors import TaskFailed as TaskFailed
