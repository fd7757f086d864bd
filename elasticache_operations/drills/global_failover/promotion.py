"""A promotion: a secondary leaves its Global Datastore after the region of the primary is lost."""

from dataclasses import dataclass, field

from elasticache_operations.aws_failures import Kind
from elasticache_operations.drills.global_failover import plans
from elasticache_operations.drills.global_failover.api import Api, ApiError
from elasticache_operations.drills.global_failover.change import Apis, Relapse, no_group, text
from elasticache_operations.drills.global_failover.datastore import Group, Member, State, find, groups
from elasticache_operations.drills.global_failover.plans import Begun, Plan, Step
from elasticache_operations.drills.global_failover.statuses import Status


@dataclass(slots=True)
class Promotion:
    """Detach a secondary, so that it accepts writes.

    :param region: the region of the secondary; its API is used because that of the primary may not answer.
    :param confirmed: whether the caller confirms that the primary is lost.
    :param given: the id of the replication group from the command line.
    """

    apis: Apis
    global_id: str
    region: str
    confirmed: bool
    given: str | None = None
    group_id: str | None = None
    state: State | None = None
    group: Group | None = None
    relapse: Relapse = field(default_factory=Relapse)

    @property
    def name(self) -> str:
        """The name of the change."""
        return f"the promotion of {self.group_id or self.region}"

    @property
    def resume(self) -> str:
        """The instruction for resuming it, when the region may no longer list the Global Datastore."""
        if self.given or not self.group_id:
            return "run the same command again to resume"
        return f"run the same command again with --replication-group-id {self.group_id} to resume"

    @property
    def _arguments(self) -> dict[str, str]:
        return {
            "GlobalReplicationGroupId": self.global_id,
            "ReplicationGroupId": self.group_id or "",
            "ReplicationGroupRegion": self.region,
        }

    @property
    def request(self) -> str:
        """The API call as text."""
        return text("disassociate_global_replication_group", self._arguments, self.region)

    def read(self, begun: Begun) -> Plan:
        """Read the Global Datastore and the replication group, both in the secondary's region."""
        api = self.apis(self.region)
        self.state = find(api, self.global_id)
        member = self.state.member(self.region) if self.state is not None else None
        unknown = self._identify(api, member)
        if unknown is not None:
            return unknown
        described = groups(api, self.group_id)
        if not described:
            return no_group(self.group_id or "", self.region)
        self.group = described[0]
        if self.group.global_id not in ("", self.global_id):
            return Plan(
                Step.REFUSE,
                f"{self.group.id} in {self.region}: --id must be its Global Datastore {self.group.global_id}, got "
                f"{self.global_id}; correct --id or --replication-group-id",
                Status.ARGUMENTS,
            )
        plan = plans.promote(self.state, self.group, self.region, begun)
        if self.attached and begun is Begun.NO and not self.confirmed and plan.step in (Step.CALL, Step.WAIT):
            return Plan(Step.REFUSE, f"{self.risk()}, or add --primary-is-lost", Status.UNCONFIRMED)
        unchanged = self.attached and plan.step is Step.WAIT and self.group.status == "available"
        if begun is Begun.YES and self.relapse.happened(under_way=not unchanged):
            return Plan(
                Step.REFUSE,
                "the service has ended it, and the member is still associated; look at the events (aws elasticache "
                "describe-events), and run the same command again",
            )
        return plan

    def call(self) -> None:
        """Begin to detach the secondary."""
        self.apis(self.region).call("DisassociateGlobalReplicationGroup", **self._arguments)

    def repeats(self, refusal: ApiError) -> bool:
        """Repeat the call while another change is under way, because that change may wait for the lost primary."""
        return refusal.kind is Kind.STATE and self.state is not None and self.state.status == "modifying"

    def preview(self, plan: Plan) -> str:
        """What a run would do after its first plan, as text."""
        if plan.step is Step.WAIT:
            return f"waits until {self.group_id} is standalone and available, and detaches it if it still has to"
        modifying = self.state is not None and self.state.status == "modifying"
        repeated = f" (repeatedly while the service refuses it, because {self.global_id} is modifying)"
        return f"calls it{repeated if modifying else ''}, and waits until {self.group_id} is standalone"

    @property
    def attached(self) -> bool:
        """Whether the secondary is still a member, and no detachment is under way."""
        member = self.state.member(self.region) if self.state is not None else None
        linked = self.group is not None and self.group.global_id
        return member is not None and member.status == "associated" and bool(linked)

    def describe(self) -> str:
        """The Global Datastore, and the replication group unless it is attached, as text."""
        lines = [str(self.state)] if self.state is not None else []
        if self.group is not None and not self.attached:
            role = "MEMBER" if self.group.global_id else "STANDALONE"
            lines.append(f"  {Member(self.region, self.group.id, role, self.group.status)}")
        return "\n".join(lines) or f"{self.global_id}: not listed in {self.region}"

    def risk(self) -> str:
        """The warning about two writers, as text."""
        primary = self.state.primary if self.state is not None else None
        other = f"{primary.region} ({primary.replication_group_id}, {primary.status})" if primary else "the primary"
        return (
            f"{self.global_id}: promote detaches {self.group_id} in {self.region}, and {other} keeps the role of "
            "primary; if it accepts writes too, there are two writers whose data diverge and cannot be merged; use "
            "failover while the primary works"
        )

    def _identify(self, api: Api, member: Member | None) -> Plan | None:
        """Find the id of the replication group; returns a refusal when it cannot be found."""
        if member is not None:
            if self.given not in (None, member.replication_group_id):
                return Plan(
                    Step.REFUSE,
                    f"{self.global_id}: --replication-group-id must be {member.replication_group_id}, the member in "
                    f"{self.region}, got {self.given}; correct it or leave it out",
                    Status.ARGUMENTS,
                )
            self.group_id = member.replication_group_id
        self.group_id = self.group_id or self.given
        if self.group_id is not None:
            return None
        known = groups(api)
        linked = [group.id for group in known if group.global_id == self.global_id]
        if linked:
            self.group_id = linked[0]
            return None
        listed = ", ".join(group.id for group in known if not group.global_id) or "none"
        return Plan(
            Step.REFUSE,
            f"{self.global_id}: it has no member in {self.region}; check --id and --region, or, if it was promoted "
            f"already, add --replication-group-id with its replication group (standalone in {self.region}: {listed})",
            Status.ARGUMENTS,
        )
