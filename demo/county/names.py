"""Invented names of people, firms and shops."""

from __future__ import annotations

import random

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗郑梁谢宋唐许邓韩冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任沈姚卢姜钟谭陆"
)
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华建国志红玉兰春梅海燕文斌秀珍国庆永康佳怡晓东立新"
BRANDS = "恒达宏远鑫源瑞丰金盛德力华美顺发永兴三友立邦同创天成佳和润达正泰康诚利民众合万盛东升振华新业长风联谊凯旋荣昌"


def person(rng: random.Random) -> str:
    return rng.choice(SURNAMES) + "".join(rng.sample(GIVEN, rng.choice((1, 2, 2))))


def brand(rng: random.Random) -> str:
    at = rng.randrange(0, len(BRANDS) // 2) * 2
    return BRANDS[at : at + 2]


def phone(rng: random.Random) -> str:
    """An invented service number of a block that is not handed out: nobody's."""
    return f"4000000{rng.randrange(1000):03d}"
