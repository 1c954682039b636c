"""The set-up of a bucket: what would happen, then doing it, and the rights that its keys need."""

import json
from collections.abc import Iterable

import streamlit as st

from pages import shared
from pages.formats import plain
from studybuddy import bucket_setup
from studybuddy.drivers.setup_steps import BucketPlan, PolicyUse, SetupStep, StepOutcome, succeeded
from studybuddy.settings.places import S3Settings
from studybuddy.storage import Storage

_SIGNS: dict[StepOutcome, tuple[str, str]] = {
    "done": (":green[:material/check_circle:]", "done"),
    "already": (":green[:material/check:]", "so already"),
    "would": (":blue[:material/arrow_forward:]", "would be done"),
    "failed": (":red[:material/error:]", "failed"),
    "unsupported": (":gray[:material/do_not_disturb_on:]", "not to be had there"),
}
_USES: dict[PolicyUse, str] = {"daily": "for daily work", "set-up": "for the set-up as well"}


@st.dialog("Set up the bucket", width="medium", icon=":material/handyman:")
def set_up(storage: Storage, place: S3Settings) -> None:
    """Ask what is wanted, show what would happen, and do it."""
    st.markdown(
        f"Makes **{plain(storage.label)}** ready: the bucket is made when it is missing, closed to the public, keeps "
        "older versions for a while, and drops uploads that never ended. What is so already stays; no file is touched."
    )
    public = st.checkbox("Anyone may read the files", value=place.public_read)
    sure = not public
    if public:
        st.warning(bucket_setup.CONSEQUENCE, icon=":material/public:")
        sure = st.checkbox("I understand, and want that")
    origins = st.text_area(
        "Pages of other addresses that may read from the bucket, one a line (CORS)", height=80,
        placeholder="https://study.example.org",
    )  # fmt: skip
    with st.container(horizontal=True):
        looks = st.button("Show what would happen", icon=":material/preview:")
        does = st.button("Set up", icon=":material/handyman:", type="primary", disabled=not sure, key="set-up-now")
    if looks or does:
        with shared.told():
            plan = bucket_setup.plan(public_read=public, cors_origins=(origins or "").split())
            _carry_out(storage, plan, dry_run=looks)
    _policies(storage)


def _carry_out(storage: Storage, plan: BucketPlan, *, dry_run: bool) -> None:
    with st.status("Looking…" if dry_run else "Setting up…", expanded=True) as status:
        steps = list(_shown(bucket_setup.set_up(storage, plan, dry_run=dry_run, confirmed=plan.public_read)))
        well = succeeded(steps)
        label = "Nothing was changed; this would happen" if dry_run else "The bucket is set up"
        label = label if well else "Something failed"
        status.update(label=label, state="complete" if well else "error", expanded=True)


def _shown(steps: Iterable[SetupStep]) -> Iterable[SetupStep]:
    for step in steps:
        sign, word = _SIGNS[step.outcome]
        reason = f" · {plain(step.reason)}" if step.reason else ""
        st.markdown(f"{sign} {plain(step.title)}: {word}{reason}")
        if step.fix:
            st.code(step.fix, language=None, wrap_lines=True)
        yield step


def _policies(storage: Storage) -> None:
    with st.expander("The rights that the keys need"):
        use = st.segmented_control("Rights", list(_USES), default="daily", required=True, format_func=_USES.__getitem__)
        st.caption("Paste this as a policy of the keys' user at the provider. It opens this bucket and nothing else.")
        st.code(json.dumps(bucket_setup.policy(storage, use or "daily"), indent=2), language="json", wrap_lines=True)
