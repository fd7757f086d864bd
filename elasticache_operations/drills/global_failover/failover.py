"""A planned failover: a secondary becomes the primary while both regions are available, and no write is lost."""

from dataclasses import dataclass, field

from elasticache_operations.drills.global_failover import plans
from elasticache_operations.drills.global_failover.api import ApiError
from elasticache_operations.drills.global_failover.change import Apis, Relapse, no_group, text
from elasticache_operations.drills.global_failover.datastore import Member, State, find, groups, unknown
from elasticache_operations.drills.global_failover.plans import Begun, Plan, Step
from elasticache_operations.drills.global_failover.statuses import Status


@dataclass(slots=True)
class Failover:
    """Make a secondary the primary.

    :param region: the region whose API is used.
    :param to: the region of the new primary.
    """

    apis: Apis
    global_id: str
    region: str
    to: str
    state: State | None = None
    first_primary: str | None = None
    relapse: Relapse = field(default_factory=Relapse)

    @property
    def name(self) -> str:
        """The name of the change."""
        return f"the failover of {self.global_id} to {self.to}"

    @property
    def resume(self) -> str:
        """The instruction for resuming it."""
        return "run the same command again to resume"

    @property
    def _arguments(self) -> dict[str, str]:
        target = self.state.member(self.to) if self.state is not None else None
        return {
            "GlobalReplicationGroupId": self.global_id,
            "PrimaryRegion": self.to,
            "PrimaryReplicationGroupId": target.replication_group_id if target is not None else "",
        }

    @property
    def request(self) -> str:
        """The API call as text."""
        return text("failover_global_replication_group", self._arguments, self.region)

    def read(self, begun: Begun) -> Plan:
        """Read the Global Datastore and, before the call, the two replication groups that change roles."""
        state = find(self.apis(self.region), self.global_id)
        if state is None:
            return Plan(Step.REFUSE, unknown(self.global_id, self.region), Status.ARGUMENTS)
        self.state = state
        if self.first_primary is None:
            self.first_primary = state.primary.region if state.primary is not None else ""
        plan = plans.failover(state, self.to, begun, self.first_primary)
        if plan.step in (Step.CALL, Step.WAIT) and begun is Begun.NO:
            members = (state.member(self.to), state.primary)
            obstacles = [self._obstacle(member) for member in members if member is not None]
            steps = (Step.REFUSE, Step.WAIT) if plan.step is Step.CALL else (Step.REFUSE,)
            blocking = [obstacle for obstacle in obstacles if obstacle is not None and obstacle.step in steps]
            return min(blocking, key=lambda obstacle: steps.index(obstacle.step), default=plan)
        target = state.member(self.to)
        associated = target is not None and target.status == "associated"
        unchanged = plan.step is Step.WAIT and state.status == "available" and associated
        if begun is Begun.YES and self.relapse.happened(under_way=not unchanged):
            return Plan(
                Step.REFUSE,
                f"the service has ended it, and {self.first_primary} is still the primary; look at the events (aws "
                "elasticache describe-events), and run the same command again",
            )
        return plan

    def call(self) -> None:
        """Begin the failover."""
        self.apis(self.region).call("FailoverGlobalReplicationGroup", **self._arguments)

    def repeats(self, refusal: ApiError) -> bool:
        """Never repeat a refused call: the state allows it, so the service has another reason."""
        return False

    def preview(self, plan: Plan) -> str:
        """What a run would do after its first plan, as text."""
        if plan.step is Step.CALL:
            return "calls it, and waits until the roles have changed"
        return (
            f"waits ({plan.why}); then nothing is left to do if {self.to} is the primary, it calls "
            f"{self.request} if {self.first_primary or 'no other region'} is the primary, and it ends with status "
            f"{Status.REFUSED.exit:d} if another region is"
        )

    def describe(self) -> str:
        """The Global Datastore as text."""
        return str(self.state) if self.state is not None else f"{self.global_id}: not listed in {self.region}"

    def _obstacle(self, member: Member) -> Plan | None:
        described = groups(self.apis(member.region), member.replication_group_id)
        return (
            plans.ready(described[0], member.region)
            if described
            else no_group(member.replication_group_id, member.region)
        )
