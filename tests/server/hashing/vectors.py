"""Hashes that other systems have made or publish, and the texts that they are of."""

from base64 import b64encode
from dataclasses import dataclass

_GENERATED = "Hn5-qY2.tR8_wZ4~kL1"
"""What a client secret looks like; hashed by Django 5.2.19 with the salt or the cost that its line shows."""


@dataclass(frozen=True, slots=True)
class Vector:
    """A stored hash, whose it is, and what is right for it."""

    source: str
    stored: str
    text: str
    format_name: str


def _base64(hex_digits: str) -> str:
    """As Django writes what an RFC prints."""
    return b64encode(bytes.fromhex(hex_digits)).decode()


VECTORS = [
    Vector(
        "Django 5.2.19, few iterations",
        "pbkdf2_sha256$1000$Zq3fT9bVxW1yKd7RmGhJ2c$6m76UFqwQnAUfbllo5I5RdF57H9Q25br55XikWm6Kv8=",
        _GENERATED,
        "django-pbkdf2-sha256",
    ),
    Vector(
        "Django 5.2.19, its default iterations",
        "pbkdf2_sha256$1000000$MJ22VQI7c60GTZ8uBfvvSY$EXd3iNPl/D83nERh2/nwLHxDlWOSQsbQ355tdyL+o84=",
        _GENERATED,
        "django-pbkdf2-sha256",
    ),
    Vector(
        "Django's test_pbkdf2, beyond ASCII",
        "pbkdf2_sha256$390000$seasalt$8xBlGd3jVgvJ+92hWPxi5ww0uuAuAnKgC45eudxro7c=",
        "lètmein",
        "django-pbkdf2-sha256",
    ),
    Vector(
        "Django 5.2.19, with SHA-1",
        "pbkdf2_sha1$1000$Zq3fT9bVxW1yKd7RmGhJ2c$HT3r4/CocO+bK3xsDmqQHN8nPKs=",
        _GENERATED,
        "django-pbkdf2-sha1",
    ),
    Vector(
        "Django's test_low_level_pbkdf2_sha1",
        "pbkdf2_sha1$390000$seasalt2$aDapRanzW8aHTz97v2TcfHzWD+I=",
        "lètmein",
        "django-pbkdf2-sha1",
    ),
    Vector(
        "RFC 6070, 1 iteration, as Django writes it",
        "pbkdf2_sha1$1$salt$" + _base64("0c60c80f961f0e71f3a9b524af6012062fe037a6"),
        "password",
        "django-pbkdf2-sha1",
    ),
    Vector(
        "RFC 6070, 4096 iterations, as Django writes it",
        "pbkdf2_sha1$4096$salt$" + _base64("4b007901b765489abead49d926f721d065a429c1"),
        "password",
        "django-pbkdf2-sha1",
    ),
    Vector(
        "Ory's hasherx TestCompare, SHA-256",
        "$pbkdf2-sha256$i=100000,l=32$1jP+5Zxpxgtee/iPxGgOz0RfE9/KJuDElP1ley4VxXc"
        "$QJxzfvdbHYBpydCbHoFg3GJEqMFULwskiuqiJctoYpI",
        "test",
        "hydra-pbkdf2-sha256",
    ),
    Vector(
        "Ory's hasherx TestCompare, SHA-512",
        "$pbkdf2-sha512$i=100000,l=32$bdHBpn7OWOivJMVJypy2UqR0UnaD5prQXRZevj/05YU"
        "$+wArTfv1a+bNGO1iZrmEdVjhA+lL11wF4/IxpgYfPwc",
        "test",
        "hydra-pbkdf2-sha512",
    ),
    Vector(
        "RFC 7914 section 11, two blocks, as Hydra writes it",
        "$pbkdf2-sha256$i=1,l=64$c2FsdA$"
        + _base64(
            "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
            "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783"
        ).rstrip("="),
        "passwd",
        "hydra-pbkdf2-sha256",
    ),
    Vector(
        "RFC 7914 section 11, 80000 iterations, as Hydra writes it",
        "$pbkdf2-sha256$i=80000,l=64$TmFDbA$"
        + _base64(
            "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56"
            "a1d425a1225833549adb841b51c9b3176a272bdebba1d078478f62b397f33c8d"
        ).rstrip("="),
        "Password",
        "hydra-pbkdf2-sha256",
    ),
    Vector(
        "Django 5.2.19, Argon2 at its default cost",
        "argon2$argon2id$v=19$m=102400,t=2,p=8$WnEzZlQ5YlZ4VzF5S2Q3Um1HaEoyYw"
        "$/szqDs+hEq3iX6v63nN3UaSC/kbodx0gn47WOFOXs4Q",
        _GENERATED,
        "django-argon2id",
    ),
    Vector(
        "Django's test_argon2, without a version",
        "argon2$argon2i$m=8,t=1,p=1$c29tZXNhbHQ"
        "$gwQOXSNhxiOxPOA0+PY10P9QFO4NAYysnqRt1GSQLE55m+2GYDt9FEjPMHhP2Cuf0nOEXXMocVrsJAtNSsKyfg",
        "secret",
        "django-argon2i",
    ),
    Vector(
        "Django's test_argon2, with a version",
        "argon2$argon2i$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$YC9+jJCrQhs5R6db7LlN8Q",
        "secret",
        "django-argon2i",
    ),
    Vector(
        "Argon2's reference implementation, test.c, Argon2id",
        "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "password",
        "argon2id",
    ),
    Vector(
        "Argon2's reference implementation, test.c, Argon2i of version 16",
        "$argon2i$m=65536,t=2,p=1$c29tZXNhbHQ$9sTbSlTio3Biev89thdrlKKiCaYsjjYVJxGAL3swxpQ",
        "password",
        "argon2i",
    ),
    Vector(
        "Ory's hasherx TestCompare, Argon2id with four lanes",
        "$argon2id$v=19$m=32,t=2,p=4$cm94YnRVOW5jZzFzcVE4bQ$MNzk5BtR2vUhrp6qQEjRNw",
        "test",
        "argon2id",
    ),
    Vector(
        "Ory's hasherx TestCompare, Argon2i",
        "$argon2i$v=19$m=65536,t=3,p=4$kk51rW/vxIVCYn+EG4kTSg$NyT88uraJ6im6dyha/M5jhXvpqlEdlS/9fEm7ScMb8c",
        "test",
        "argon2i",
    ),
    Vector(
        "Ory's hasherx TestCompare, bcrypt",
        "$2a$12$o6hx.Wog/wvFSkT/Bp/6DOxCtLRTDj7lm9on9suF/WaCGNVHbkfL6",
        "test",
        "bcrypt",
    ),
    Vector(
        "crypt_blowfish, wrapper.c",
        "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "U*U",
        "bcrypt",
    ),
    Vector(
        "crypt_blowfish, wrapper.c, as PHP marks it",
        "$2y$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a",
        "U*U*U",
        "bcrypt",
    ),
    Vector(
        "pyca/bcrypt, test_bcrypt.py",
        "$2b$04$cVWp4XaNU8a4v1uMRum2SO026BWLIoQMD/TXg5uZV.0P.uO8m3YEm",
        "Kk4DQuMMfZL9o",
        "bcrypt",
    ),
    Vector(
        "Django 5.2.19, bcrypt",
        "bcrypt$$2b$04$N9.o5KZ5XuQ5ebPHMGRa4uEDY2GA2DHwxGbew/c6oyFEK/S3xEh9e",
        _GENERATED,
        "django-bcrypt",
    ),
    Vector(
        "Django 5.2.19, bcrypt of SHA-256",
        "bcrypt_sha256$$2b$04$jwmfFk.HxRyAwcB5wyArUudQuhLkIA/SPJluf3A076WuA.JCPLfou",
        _GENERATED,
        "django-bcrypt-sha256",
    ),
    Vector(
        "Spring Security's PasswordEncoderFactoriesTests, bcrypt",
        "{bcrypt}$2a$10$dXJ3SW6G7P50lGmMkkmwe.20cQQubK3.HZWzG3YB1tlRy.fqvM/BG",
        "password",
        "spring-bcrypt",
    ),
    Vector(
        "Spring Security's PasswordEncoderFactoriesTests, SHA-256",
        "{SHA-256}{UisHp3pFSMqcqrhQsrhR+hspIG0SyMDyDW/XtY+t6nA=}"
        "a98efbaf59277bfd1837c33fd4fde67de5bcfd2205bcba0992f6fc32b03a8f88",
        "password",
        "spring-sha256",
    ),
    Vector(
        "OpenLDAP's pw-sha2, README, SHA-256",
        "{SHA256}K7gNU3sdo+OL0wNhqoVWhr3g6s1xYv72ol/pe/Unols=",
        "secret",
        "sha256",
    ),
    Vector(
        "the same as IdentityServer stores it, marked by hand",
        "{SHA-256}K7gNU3sdo+OL0wNhqoVWhr3g6s1xYv72ol/pe/Unols=",
        "secret",
        "sha256",
    ),
    Vector(
        "the same in hex",
        "{SHA-256}2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b",
        "secret",
        "sha256",
    ),
    Vector(
        "FIPS 180-2 appendix B.1, in capitals",
        "{SHA-256}BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
        "abc",
        "sha256",
    ),
    Vector(
        "FIPS 180-2 appendix C.1",
        "{SHA-512}ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
        "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        "abc",
        "sha512",
    ),
    Vector(
        "OpenLDAP's pw-sha2, README, SHA-512",
        "{SHA512}vSsar3708Jvp9Szi2NWZZ02Bqp1qRCFpbcTZPdBhnWgs5WtNZKnvCXdhztmeD2cmW192CF5bDufKRpayrW/isg==",
        "secret",
        "sha512",
    ),
    Vector(
        "Ory Kratos, hasher_test.go, SSHA256",
        "{SSHA256}czO44OTV17PcF1cRxWrLZLy9xHd7CWyVYplr1rOhuMlx/7IK",
        "test123",
        "ldap-ssha256",
    ),
    Vector(
        "Ory Kratos, hasher_test.go, SSHA512",
        "{SSHA512}xPUl/px+1cG55rUH4rzcwxdOIPSB2TingLpiJJumN2xyDWN4Ix1WQG3ihnvHaWUE8MYNkvMi5rf0C9NYixHsE6Yh59M=",
        "test123",
        "ldap-ssha512",
    ),
]

CHEAP_VECTORS = [
    vector
    for vector in VECTORS
    if vector.stored.startswith(("{S", "argon2$argon2i$", "$argon2id$v=19$m=32,"))
    or any(cost in vector.stored for cost in ("_sha1$1$", "$1000$", "$i=1,", "$04$", "$05$"))
]
"""Those that are checked in a few milliseconds."""
