from __future__ import annotations

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from safegrid.foundation.resealing import Resealed, reseal, sealed_columns, values


class Command(BaseCommand):
    help = (
        "更换数据密钥：把全部加密内容用新密钥重新加密。SAFEGRID_DATA_KEY 设新密钥，SAFEGRID_OLD_DATA_KEY 设原密钥，"
        "重启服务后运行；中断后重新运行即可，期间照常使用"
    )

    def handle(self, **options: Any) -> None:
        if not settings.OLD_DATA_KEY:
            raise CommandError("请先设置：SAFEGRID_DATA_KEY 为新密钥，SAFEGRID_OLD_DATA_KEY 为原密钥")
        if settings.OLD_DATA_KEY == settings.DATA_KEY:
            raise CommandError("新密钥与原密钥相同")
        whole = Resealed()
        for model, name in sealed_columns():
            with tqdm(total=values(model, name), desc=f"{model._meta.label}.{name}", unit="", mininterval=2) as bar:
                found = reseal(model, name, bar.update)
            whole.seen += found.seen
            whole.changed += found.changed
            whole.closed += found.closed
            for place, row in found.named:
                self.stdout.write(f"[打不开] {place} {row}：新旧密钥都不能解密")
        self.stdout.write(f"加密内容 {whole.seen} 项，本次重新加密 {whole.changed} 项，打不开 {whole.closed} 项")
        if whole.closed:
            self.stdout.write("打不开的内容保持原样。查清之前请勿销毁原密钥")
            sys.exit(1)
        self.stdout.write("全部已用新密钥。请去掉 SAFEGRID_OLD_DATA_KEY 并重启；旧备份仍需原密钥，请另行封存")
