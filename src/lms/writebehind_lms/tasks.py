"""The jobs as a Celery task, found by Celery where the site has it."""

from . import jobs

try:
    from celery import current_app, shared_task
except ImportError:
    current_app = shared_task = None


def is_usable():
    """Whether the site has Celery, with a broker, and tasks do not run in place."""
    if current_app is None:
        return False
    conf = current_app.conf
    return bool(conf.broker_url) and not conf.task_always_eager


if shared_task is not None:

    @shared_task(bind=True, name="writebehind_lms.attempt", ignore_result=True, max_retries=66)
    def attempt(self, name, arguments):
        """Tries a job, and has it tried again until it is done."""
        from .later import DELAYS

        try:
            is_done, cause = jobs.run(name, arguments), None
        except Exception as error:  # pylint: disable=broad-except
            is_done, cause = False, error
        if not is_done:
            delay = DELAYS[min(self.request.retries + 1, len(DELAYS) - 1)]
            raise self.retry(countdown=delay, exc=cause)
