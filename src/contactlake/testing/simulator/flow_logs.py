"""The text of flow logs: what a contact met in its flow, block by block, between its entry and its exit."""

from __future__ import annotations

from contactlake.testing.simulator.clock import iso
from contactlake.testing.simulator.contact import Contact
from contactlake.testing.simulator.world import World

BLOCKS = {
    "VOICE": ("SetLoggingBehavior", "SetVoice", "PlayPrompt", "GetUserInput", "CheckHoursOfOperation", "SetQueue"),
    "CHAT": ("SetLoggingBehavior", "PlayPrompt", "InvokeExternalResource", "SetQueue"),
}
WORK = ("SetLoggingBehavior", "CheckContactAttributes", "SetQueue")


def flow_log(world: World, c: Contact, end: int, last: str) -> list[tuple[int, str]]:
    """(time, text) of every block from the contact's connection to the system until ``end``; ``last`` closes it."""
    start = c.system if c.system is not None else c.initiated
    blocks = (*BLOCKS.get(c.channel, WORK), last)
    if last != "TransferToQueue":
        blocks = (*blocks[:-2], last)
    flow, name = world.flows[0 if c.channel == "VOICE" else 1 if c.channel == "CHAT" else 2]
    head = f'{{"ContactId":"{c.id}","ContactFlowId":"{flow}","ContactFlowName":"{name}","ContactFlowModuleType":"'
    steps = []
    for i, block in enumerate(blocks):
        at = start + (end - start) * i // max(1, len(blocks) - 1)
        parameters, results = "{}", ""
        if block == "SetQueue" and c.queue is not None:
            parameters = f'{{"Queue":"{c.queue.arn}"}}'
        elif block == "PlayPrompt":
            parameters = '{"TextToSpeechType":"text","Text":"Welcome. How can we help?","Voice":"Joanna"}'
        elif block == "GetUserInput":
            parameters, results = '{"Text":"Press 1 for sales","MaxDigits":"1"}', f',"Results":"{c.bits % 4 + 1}"'
        elif block == "SetLoggingBehavior":
            parameters = '{"LoggingBehavior":"Enable"}'
        elif block == "InvokeExternalResource":
            parameters = '{"Timelimit":"8000"}'
            results = f',"ExternalResults":{{"tier":"{"gold" if c.bits & 1 else "standard"}"}},"Results":"Success"'
        mark = f',"Identifier":"{c.id[:8]}-{i}"' if c.bits & 32 else ""
        steps.append((at, f'{head}{block}"{mark},"Parameters":{parameters}{results},"Timestamp":"{iso(at)}"}}'))
    return steps
