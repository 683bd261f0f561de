from postlude import SQLiteStore, TaskQueue, TaskRunner

store = SQLiteStore("tasks.db")
queue = TaskQueue(store=store)
runner = TaskRunner(engine=store, drain_timeout=20)
