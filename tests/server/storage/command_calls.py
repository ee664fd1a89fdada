"""How often a store was made to do something."""

from redis.asyncio import Redis


async def calls(redis: Redis, *commands: str) -> int:
    """How many of these *commands* the server has run; those inside scripts are counted too."""
    stats = await redis.info("commandstats")
    return sum(int(stats.get(f"cmdstat_{command}", {"calls": 0})["calls"]) for command in commands)
